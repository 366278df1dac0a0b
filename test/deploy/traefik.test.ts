import { startTraefik } from '../support/proxy/traefik.ts';
import { behindProxy } from './proxy.contract.ts';

behindProxy('Traefik', {
  publicUrl: 'https://usher.example.com',
  start: (context, options) => startTraefik(context, false, options),
});
behindProxy('Traefik', {
  publicUrl: 'https://example.com/usher',
  start: (context, options) => startTraefik(context, true, options),
});
