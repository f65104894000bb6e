// One watch call of @grpc/grpc-js. Arguments: directory of node_modules, directory of the proto files, host:port, and
// channel options as JSON. Prints "open" at the first answer, and the status as JSON at the end.
'use strict';

const [modules, protos, target, options] = process.argv.slice(2);
const grpc = require(`${modules}/@grpc/grpc-js`);
const loader = require(`${modules}/@grpc/proto-loader`);

const definition = loader.loadSync('registrycenter/v1/watch.proto', {
  includeDirs: [protos], keepCase: true, longs: String, enums: String, oneofs: true,
});
const { WatchService } = grpc.loadPackageDefinition(definition).registrycenter.v1;

const client = new WatchService(target, grpc.credentials.createInsecure(), JSON.parse(options));
const call = client.Watch();
let opened = false;
call.on('data', () => {
  if (!opened) {
    opened = true;
    console.log('open');
  }
});
call.on('error', () => {});
call.on('status', (status) => {
  const details = status.metadata.get('grpc-status-details-bin')[0];
  console.log(JSON.stringify({
    code: status.code,
    message: status.details,
    details: details ? details.toString('base64') : '',
  }));
  client.close();
});
call.write({ hello: { client: { name: 'node' } } });
