# What is said to an agent while it works.

steer-usage = ⚠ What should it be told? Write `/steer TEXT`, or reply to its live message.
