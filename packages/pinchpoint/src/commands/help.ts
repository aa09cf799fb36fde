export const HELP = `Finds the pinch point of an ML pipeline on Node.js.

  pinchpoint run [options] -- COMMAND…   run a command, then say what limits its pipeline
  pinchpoint explain FILE [--json]       say what limits the pipeline of a recording
  pinchpoint doctor [--json]             say what is in the way of recording in this folder
  pinchpoint --help | --version

Options of run (they come before the command):
  --for 20s        end the command after this long: SIGTERM, then SIGKILL
  --grace 10s      time from SIGTERM to SIGKILL
  --every 5s       one line meanwhile, as often as this
  --json FILE      write the verdict as JSON
  --record FILE    write the recording, for explain
  --port N         serve /metrics on 127.0.0.1:N (default 9464)
  --no-port        serve no /metrics

What pinchpoint says goes to stderr; stdin, stdout and the exit code are the command's own.
Environment: PINCHPOINT_DISABLED=true or OTEL_SDK_DISABLED=true records nothing, PINCHPOINT_PORT=N or off,
PINCHPOINT_HTTP_ROUTES="POST api.example.com/v1/:model, /health" tells such calls from the host's others.
PINCHPOINT_INCLUDE="streams, http-server, http, worker-threads, piscina, timers" leaves out what it does not name.
PINCHPOINT_TRACES=N or off: traces that a stage begins in a second; OTEL_EXPORTER_OTLP_ENDPOINT=URL exports them and metrics.
PINCHPOINT_TIMED=N or all: up to N units a second of a stage each is timed, beyond that in sampled stretches.
The same as a file, pinchpoint.config.json where the command starts (or PINCHPOINT_CONFIG=FILE):
{ "disabled": false, "port": 9464, "httpRoutes": ["POST api.example.com/v1/:model", "/health"] }
`;
