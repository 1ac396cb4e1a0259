# /restart.

restart-begun = 🔄 Restarting… What runs goes on meanwhile.
restart-done = ✓ Restarted. This is topicd { $version }.
restart-only-admins = ⚠ Only admins may restart me.
restart-refused = ⚠ Not restarted: the configuration has a mistake, so I would not come back. { $fault }

command-restart = start me anew
command-restart-more = The configuration is read again. What runs goes on meanwhile, and is taken up again.
