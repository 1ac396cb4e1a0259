"""Where a supervisor begins. Only this file is compiled at every start; the rest has cached bytecode."""

import sys

if __name__ == "__main__":
    # Started with -I and -S, so neither this directory nor site-packages is known. Appended, not
    # prepended: nothing that is installed beside us may take the place of a standard module.
    sys.path.append(__file__.rsplit("/", 3)[0])

    from cli_runner.supervisor.program import main

    main()
