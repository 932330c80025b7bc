"""The book in Markdown that is understood everywhere: what directives and roles become."""
