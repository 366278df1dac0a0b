import type { Tracing } from '../tracing.ts';
import type { Pass } from './pass.ts';
import type { PersonReconciler } from './person-reconciler.ts';
import type { RoomReconciler } from './room-reconciler.ts';

type Work = {
  readonly pass: Pass;
  readonly reconcile: PersonReconciler;
  readonly reconcileRoom: RoomReconciler;
};

/** The same, each with a span: linked with the requests and passes that had marked the person or the room. */
export function traced({ pass, reconcile, reconcileRoom }: Work, tracing: Tracing): Work {
  return {
    pass: (progress) =>
      tracing.span({ kind: 'internal', name: 'full pass', attributes: {} }, async (span) => {
        const report = await pass(progress);
        const { marked, drifted, problems } = report;
        span.set({ 'usher.marked': marked, 'usher.drifted': drifted, 'usher.problems': problems.length });
        return report;
      }),
    reconcile(item) {
      const { userId, urgency, attempts } = item;
      const attributes = {
        'usher.user_id': userId,
        'usher.urgency': urgency,
        'usher.attempts': attempts,
      };
      const start = { kind: 'internal', name: 'look at a person', attributes, subject: userId } as const;
      return tracing.span(start, async (span) => {
        const outcome = await reconcile(item);
        const [problem] = outcome.problems;
        if (problem !== undefined) span.fail(problem.kind);
        if (problem !== undefined || outcome.isOutdated) span.again();
        return outcome;
      });
    },
    reconcileRoom(roomId, signal) {
      const attributes = { 'usher.room_id': roomId };
      const start = { kind: 'internal', name: 'look at a room', attributes, subject: roomId } as const;
      return tracing.span(start, async (span) => {
        const outcome = await reconcileRoom(roomId, signal);
        if (outcome.problems !== undefined) span.set({ 'usher.problems': outcome.problems.length });
        if (!outcome.isDone) span.again();
        return outcome;
      });
    },
  };
}
