/** As many calls at once as `width`, the next as soon as one ends, in order. More would wait for connections, on a slow machine in vain. */
export async function crowd<Item, Answer>(
  width: number,
  items: readonly Item[],
  call: (item: Item) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  const left = items.values();
  const caller = async () => {
    // One iterator for all callers: each takes what no other took.
    for (const item of left) answers.push(await call(item));
  };
  await Promise.all(Array.from({ length: width }, caller));
  return answers;
}
