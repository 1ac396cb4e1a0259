# Times, numbers and lists, as short as they can be said.

unit-tenths = { NUMBER($s, minimumFractionDigits: 1, maximumFractionDigits: 1) } s
unit-seconds = { $s } s
unit-minutes = { $min } min { NUMBER($s, minimumIntegerDigits: 2) } s
unit-hours = { $h } h { NUMBER($min, minimumIntegerDigits: 2) } min
unit-days = { $d } d
unit-whole-minutes = { $min } min
unit-whole-hours = { $h } h
unit-processes-more = { $processes } and { $n } more
unit-process = { $command } (pid { $pid })
unit-tokens = { $read } in, { $written } out
unit-thousands = { NUMBER($n, minimumFractionDigits: 1, maximumFractionDigits: 1) }k
unit-money = ${ NUMBER($usd, minimumFractionDigits: 2, maximumFractionDigits: 2) }
unit-money-little = <$0.01
unit-context = context { NUMBER($percent, maximumFractionDigits: 0) }% full
