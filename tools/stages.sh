#!/usr/bin/env bash
# Run the given stages of `make test` one after the other, each as the target `test-NAME`.
# Prints the name and time of each; all of them run, and one that failed makes the whole fail.
set -u
trap 'exit 130' INT
report=""
failed=0
for stage in "$@"; do
    printf '\n=== %s\n' "$stage"
    start=$SECONDS
    if "${MAKE:-make}" --no-print-directory "test-$stage"; then
        outcome=passed
    else
        outcome=FAILED
        failed=$((failed + 1))
    fi
    line=$(printf '%-15s %s in %d s' "$stage" "$outcome" $((SECONDS - start)))
    printf '=== %s\n' "$line"
    report+="  $line"$'\n'
done
printf '\nStages, %d s in all:\n%s' "$SECONDS" "$report"
printf '%d passed, %d failed\n' $(($# - failed)) "$failed"
[ "$failed" -eq 0 ]
