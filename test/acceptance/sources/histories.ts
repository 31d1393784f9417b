const ended = (claim: number, attempt: number, outcome: string, error: string | null = null) => ({
  claim,
  attempt,
  outcome,
  error,
});

/** The attempts that a law leaves behind, whatever called the handler. */
export const history = {
  success: [ended(1, 1, 'succeeded')],
  ignored: [ended(1, 1, 'failed', 'Error: failure'), ended(2, 2, 'failed', 'Error: lastFailure')],
  ranAtOnce: [ended(1, 1, 'failed', 'Error: a first failure'), ended(2, 2, 'succeeded')],
  waits: [ended(1, 1, 'failed', 'Error: a first failure')],
  snoozed: [ended(1, 1, 'snoozed')],
  lost: [ended(1, 1, 'released'), ended(2, 1, 'succeeded')],
  interrupted: [ended(1, 1, 'interrupted')],
};
