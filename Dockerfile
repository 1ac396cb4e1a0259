# topicd in a container.
#
#   docker build -t topicd .
#   docker run -d --name topicd --restart unless-stopped --stop-timeout 20 \
#       -e TOPICD_TELEGRAM__TOKEN=123456:ABC -e TOPICD_ACCESS__USERS='[111]' \
#       -v topicd-state:/home/topicd/state -v "$HOME/src:/home/topicd/src" topicd
#
# What a restart means: outside of a container agents outlive the bot, since each has a supervisor of its
# own. When a container stops, everything in it is killed, supervisors and agents too. At the next start
# the topics of turns that were at work say Interrupted and offer Resume, through their agent's session.
# So keep the state, and the agents' own sessions (their home directory), on volumes: without them nothing
# can be resumed. A crash of the bot alone ends the container as well, as tini ends with it.
FROM python:3.11-slim

RUN apt-get update \
    && apt-get install --no-install-recommends --yes ca-certificates git tini \
    && rm -rf /var/lib/apt/lists/*

# Agent CLIs are not included. Add those that you use, for example in a Dockerfile that begins with
# `FROM topicd` and `USER root`, then `USER topicd` at its end:
#
#   RUN apt-get update && apt-get install --yes nodejs npm && npm install --global @anthropic-ai/claude-code
#
# and log them in once, in the running container: docker exec -it topicd claude
# Their logins and sessions are in /home/topicd (.claude, .codex, ...): put those on volumes too.

WORKDIR /opt/topicd
COPY requirements.lock ./
RUN python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock
COPY bot ./bot
COPY cli_runner ./cli_runner
COPY orchestrator ./orchestrator
COPY storage ./storage
COPY LICENSE ./
# The supervisors are started often: from compiled files they start faster.
RUN python -m compileall -q bot cli_runner orchestrator storage

# The agents run as this user and can do what it can; so give the container no more than they need.
RUN useradd --create-home --uid 1000 --shell /bin/bash topicd \
    && install --directory --owner topicd --group topicd --mode 0700 /home/topicd/state
USER topicd

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    TOPICD_STATE__DIRECTORY=/home/topicd/state
VOLUME ["/home/topicd/state"]

# tini reaps what agents leave behind when their supervisor is gone, and passes SIGTERM on to the bot.
ENTRYPOINT ["tini", "--"]
CMD ["python", "-m", "bot", "run"]
