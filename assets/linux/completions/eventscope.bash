# Completes eventscope in bash; the program itself says with what, so that it is always the installed version's.
eval "$(eventscope completions bash)"
