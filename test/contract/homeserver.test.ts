import { startSimulated } from '../support/homeserver/simulated.ts';
import { startWithMas } from '../support/homeserver/with-mas.ts';
import { describeHomeserver } from './homeserver.contract.ts';

describeHomeserver('simulated', (options) => startSimulated({ via: 'port', ...options }));
describeHomeserver('Synapse adapter, simulator behind msw', (options) =>
  // There is one network that msw stands in for: the second homeserver of the suite is beside it.
  startSimulated({ via: options?.hasServerNotices === false ? 'http' : 'msw', ...options }),
);
describeHomeserver('Synapse adapter, simulator on loopback', (options) =>
  startSimulated({ via: 'http', ...options }),
);
describeHomeserver('MAS adapter, simulator on loopback', (options) => startWithMas({ ...options }));
