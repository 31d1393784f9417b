/** SIGHUP: its terminal was closed. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** npm passes a Ctrl-C on to a process that has it from the terminal already: one press, two signals. */
const ONE_PRESS = 1_000;

/**
 * Fires when the process is told to stop, from its first moment on. Not enableShutdownHooks(): PostgreSQL must outlive the
 * application's own shutdown, and there is something to stop before there is an application. Who insists, later, ends the process
 * at once; the next start copes with what is left behind.
 */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  let first = 0;
  const told = () => {
    if (stop.signal.aborted && performance.now() - first > ONE_PRESS) process.exit(1);
    if (stop.signal.aborted) return;
    first = performance.now();
    stop.abort();
  };
  for (const signal of SIGNALS) process.on(signal, told);
  return stop.signal;
}

export function fired(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
