#!/usr/bin/env bash
# What a grpc-js caller learns of a GOAWAY that carries a code, a last stream and a reason in words: a fixed sentence.
#
# Guess: GOAWAY(ENHANCE_YOUR_CALM, last stream 0, "limit connections") says that the server touched no stream. So the
#        call is tried again by itself, as after REFUSED_STREAM; else it fails as UNAVAILABLE with the reason in its
#        details, and the next connection is made after a wait.
# Seen:  npm @grpc/grpc-js 1.14.7 against a plain HTTP/2 server of Node 20. The call ends with RESOURCE_EXHAUSTED,
#        "Bandwidth exhausted or memory limit exceeded" and empty metadata, and is not tried again (one stream at most).
#        The words of the server appear nowhere in the status; only the trace of the library (GRPC_TRACE=transport) has
#        them. A stream reset with ENHANCE_YOUR_CALM gives the very same status, so the two cannot be told apart. The
#        next call opens a new connection at once, without any wait. Only a stream reset with REFUSED_STREAM is tried
#        again. A stream reset with NO_ERROR, a polite end, is INTERNAL.
# Why it matters: a server with a limit of connections cannot tell such clients why it turns them away, and a client
#        that simply calls again comes back without delay. A stream service needs its reasons in gRPC statuses.
# Runs with: bash, Node 20 with npm.
set -euo pipefail
version=1.14.7
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --cache "$work/cache" "@grpc/grpc-js@$version")

cat > "$work/goaway.js" <<'JS'
const http2 = require('http2');
const grpc = require('@grpc/grpc-js');

const [NO_ERROR, REFUSED, CALM] = ['NO_ERROR', 'REFUSED_STREAM', 'ENHANCE_YOUR_CALM']
  .map(name => http2.constants['NGHTTP2_' + name]);
const REASON = 'limit connections';
const goaway = session => session.goaway(CALM, 0, Buffer.from(REASON));
const ok = { ':status': 200, 'content-type': 'application/grpc' };
const same = value => value;
let changed = false;

function check(what, holds) {
  console.log((holds ? '  as described: ' : '  CHANGED, not so: ') + what);
  changed = changed || !holds;
}

/** Runs calls one after another against a server that does what onSession and onStream say. */
async function run(name, calls, onSession, onStream) {
  const server = http2.createServer();
  const seen = { sessions: [], streams: 0, statuses: [] };
  server.on('session', session => {
    seen.sessions.push(session);
    session.on('error', () => {});
    onSession(session);
  });
  server.on('stream', stream => {
    seen.streams++;
    stream.on('error', () => {});
    onStream(stream);
  });
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  const client = new grpc.Client('127.0.0.1:' + server.address().port, grpc.credentials.createInsecure());
  console.log(name);
  const start = Date.now();
  for (let i = 0; i < calls; i++) {
    seen.statuses.push(await new Promise(done => {
      const call = client.makeBidiStreamRequest('/a.Service/Watch', same, same, { deadline: Date.now() + 30000 });
      call.on('data', () => {});
      call.on('error', () => {});
      call.on('status', done);
      call.write(Buffer.from('hello'));
    }));
  }
  seen.millis = Date.now() - start;
  const { code, details, metadata } = seen.statuses[0];
  console.log(`  ${grpc.status[code]} ${JSON.stringify(details)} metadata ${JSON.stringify(metadata.getMap())},`
    + ` ${calls} calls: ${seen.sessions.length} sessions, ${seen.streams} streams, ${seen.millis} ms`);
  client.close();
  seen.sessions.forEach(session => session.destroy());
  server.close();
  return seen;
}

function calm(seen, calls) {
  const bare = s => s.code === grpc.status.RESOURCE_EXHAUSTED
    && s.details === 'Bandwidth exhausted or memory limit exceeded' && Object.keys(s.metadata.getMap()).length === 0;
  check('RESOURCE_EXHAUSTED with the fixed sentence, no metadata, the reason nowhere', seen.statuses.every(bare)
    && !JSON.stringify(seen.statuses).includes(REASON));
  check('no call is tried again', seen.streams <= calls);
}

(async () => {
  let seen = await run('GOAWAY for each session', 5, goaway, () => {});
  calm(seen, 5);
  // With the usual waits before a new connection (1 s, growing by 1.6) five of them take more than 7 s.
  check('each call opens a new connection, without a wait', seen.sessions.length === 5 && seen.millis < 5000);
  seen = await run('GOAWAY once the stream is there', 1, () => {}, stream => goaway(stream.session));
  calm(seen, 1);
  seen = await run('the stream reset with ENHANCE_YOUR_CALM', 1, () => {}, stream => stream.close(CALM));
  calm(seen, 1);
  seen = await run('the stream reset with REFUSED_STREAM', 1, () => {}, stream => stream.close(REFUSED));
  check('UNAVAILABLE, tried again once', seen.statuses[0].code === grpc.status.UNAVAILABLE && seen.streams === 2);
  seen = await run('the stream reset with NO_ERROR', 1, () => {}, stream => {
    stream.respond(ok);
    stream.close(NO_ERROR);
  });
  check('INTERNAL, not tried again', seen.statuses[0].code === grpc.status.INTERNAL && seen.streams === 1);
  process.exit(changed ? 1 : 0);
})();
JS

echo "guess: the call is tried again, or fails as UNAVAILABLE with the reason of the server in its details"
echo "@grpc/grpc-js $version, node $(node --version)"
(cd "$work" && node goaway.js)
echo "seen: a fixed sentence, no reason, no second try, and the next call connects at once"
