# Completes eventscope in fish; the program itself says with what, so that it is always the installed version's.
eventscope completions fish | source
