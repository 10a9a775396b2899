/** Messages of a subject. */
export interface SubjectCount {
  readonly subject: string;
  readonly messages: number;
}

/** The subjects of a stream, and what they add up to. */
export interface SubjectCounts {
  readonly subjectCount: number;
  readonly messages: number;
  readonly subjects: readonly SubjectCount[];
}

/** In order, the first `top` of them; subjects with the same number of messages are sorted by name. */
export function sortedSubjects(
  counts: ReadonlyMap<string, number>,
  { sort, top }: { readonly sort: 'messages' | 'name'; readonly top?: number | undefined },
): SubjectCounts {
  const all = [...counts].map(([subject, messages]) => ({ subject, messages }));
  const byName = (a: SubjectCount, b: SubjectCount): number => (a.subject < b.subject ? -1 : 1);
  const sorted = all.toSorted((a, b) =>
    sort === 'name' || a.messages === b.messages ? byName(a, b) : b.messages - a.messages,
  );
  return {
    subjectCount: all.length,
    messages: all.reduce((sum, { messages }) => sum + messages, 0),
    subjects: sorted.slice(0, top),
  };
}
