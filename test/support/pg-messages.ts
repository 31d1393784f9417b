/** One message of PostgreSQL's protocol: its letter (none in the start-up message), and its bytes, whole. */
export interface PgMessage {
  type: string;
  bytes: Buffer;
}

/** Cuts a stream of PostgreSQL's protocol into messages. What a client says begins with a message without a letter. */
export function messageSplitter({ untypedFirst }: { untypedFirst: boolean }): (chunk: Buffer) => PgMessage[] {
  let rest: Buffer = Buffer.alloc(0);
  let typed = !untypedFirst;
  return (chunk) => {
    rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const messages: PgMessage[] = [];
    for (;;) {
      const head = typed ? 1 : 0;
      if (rest.length < head + 4) return messages;
      const length = head + rest.readInt32BE(head);
      if (rest.length < length) return messages;
      messages.push({ type: typed ? rest.toString('latin1', 0, 1) : '', bytes: rest.subarray(0, length) });
      rest = rest.subarray(length);
      typed = true;
    }
  };
}

/** The statement that a Parse or a Query message carries; undefined for any other. */
export function statementOf({ type, bytes }: PgMessage): string | undefined {
  if (type === 'Q') return bytes.toString('utf8', 5, bytes.length - 1);
  if (type !== 'P') return undefined;
  const text = bytes.indexOf(0, 5) + 1;
  return bytes.toString('utf8', text, bytes.indexOf(0, text));
}
