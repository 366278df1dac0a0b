import { startUsherProcess } from '../usher-process.ts';

/** Starts Usher and kills it after so many milliseconds, whether it listens by then or not. */
export async function killAtStart(env: Readonly<Record<string, string>>, ms: number): Promise<void> {
  const wrapper = ['timeout', '-s', 'KILL', (ms / 1000).toFixed(3)];
  try {
    await (await startUsherProcess(env, wrapper)).ended;
  } catch (error) {
    // The wrapper kills itself likewise, so there is no exit code, or that of a shell.
    const text = error instanceof Error ? error.message : String(error);
    if (!/^Usher ended with (null|137):/.test(text)) throw error;
  }
}
