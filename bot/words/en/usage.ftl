# What was used: /usage.

usage-here = **Used here**
usage-here-days = **Used here**, by day
usage-chat = **Used in this chat**
usage-none = Nothing in the last { $days } days.
usage-turns = turns
usage-in = in
usage-out = out
usage-money = money
usage-today = Today
usage-days = { $n } days
usage-by-agent = **By agent**, { $days } days
usage-by-topic = **By topic**, { $days } days
usage-line = { $n ->
    [one] { $n } turn
   *[other] { $n } turns
} · { $input } in, { $output } out · { $money }
usage-not-told = not told
usage-untold = { $n ->
    [one] Of { $turns } turns { $n } did not tell its money; + and – stand for that.
   *[other] Of { $turns } turns { $n } did not tell their money; + and – stand for that.
}
usage-show-here = Here
usage-show-days = By day
usage-show-chat = This chat
usage-wrong = ⚠ Use `/usage` or `/usage all`.
