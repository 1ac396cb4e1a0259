# Zeiten, Zahlen und Listen, so kurz es geht.

unit-tenths = { NUMBER($s, minimumFractionDigits: 1, maximumFractionDigits: 1) } s
unit-seconds = { $s } s
unit-minutes = { $min } min { NUMBER($s, minimumIntegerDigits: 2) } s
unit-hours = { $h } h { NUMBER($min, minimumIntegerDigits: 2) } min
unit-days = { $d ->
    [one] { $d } Tag
   *[other] { $d } Tage
}
unit-whole-minutes = { $min } min
unit-whole-hours = { $h } h
unit-processes-more = { $processes } und { $n } weitere
unit-process = { $command } (PID { $pid })
unit-tokens = { $read } ein, { $written } aus
unit-thousands = { NUMBER($n, minimumFractionDigits: 1, maximumFractionDigits: 1) }k
unit-money = { NUMBER($usd, minimumFractionDigits: 2, maximumFractionDigits: 2) } $
unit-money-little = <0,01 $
unit-context = Kontext { NUMBER($percent, maximumFractionDigits: 0) } % voll
