/** Wakes one waiter; a signal raised while nobody waits is kept for the next. */
export function createSignal() {
  let raised = false;
  let wakeUp: (() => void) | undefined;
  let isPending = false;

  const raise = (): void => {
    raised = true;
    wakeUp?.();
  };

  return {
    raise,
    /** Raises after `ms` milliseconds; raising again meanwhile changes nothing. */
    raiseIn(ms: number): void {
      if (isPending) return;
      isPending = true;
      setTimeout(() => {
        isPending = false;
        raise();
      }, ms).unref();
    },
    /** Resolves when the signal is raised, after `ms` milliseconds at the latest. */
    async wait(ms: number): Promise<void> {
      if (!raised) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wakeUp = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      wakeUp = undefined;
      raised = false;
    },
  };
}
