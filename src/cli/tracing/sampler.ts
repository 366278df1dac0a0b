import { TraceFlags } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import type { Sampling } from './variables.ts';

export function samplerFor({ ratio, isParentBased }: Sampling): Sampler {
  const root = ratioSampler(ratio);
  return isParentBased ? new ParentBasedSampler({ root: followLinks(root) }) : root;
}

function ratioSampler(ratio: number): Sampler {
  if (ratio === 1) return new AlwaysOnSampler();
  return ratio === 0 ? new AlwaysOffSampler() : new TraceIdRatioBasedSampler(ratio);
}

/** A look is kept if the request that it comes from is, though it has a trace of its own: else a part leads nowhere. */
function followLinks(root: Sampler): Sampler {
  const [on, off] = [new AlwaysOnSampler(), new AlwaysOffSampler()];
  return {
    shouldSample(...args) {
      const [context, traceId, name, kind, attributes, links] = args;
      if (links.length === 0) return root.shouldSample(context, traceId, name, kind, attributes, links);
      const isKept = links.some((link) => (link.context.traceFlags & TraceFlags.SAMPLED) !== 0);
      return (isKept ? on : off).shouldSample();
    },
    toString: () => `FollowLinks{${root.toString()}}`,
  };
}
