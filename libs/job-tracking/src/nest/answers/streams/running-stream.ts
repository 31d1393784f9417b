/** The run whose handler has returned a stream. */
export interface RunningStream {
  signal: AbortSignal;
  /** Milliseconds: for so long it may be unread. */
  lease: number;
  /** What the caller gets once the run has been recorded. */
  recorded: Promise<unknown>;
}

export interface FollowedStream {
  /** What the caller gets now. */
  handed: unknown;
  /** Settles with the handler's end. */
  ended: Promise<unknown>;
}
