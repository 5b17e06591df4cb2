"""One module per check. Each has NAME, MEND and check(repo) -> list of problems."""
