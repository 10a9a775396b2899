/** @type {import('./play.mjs').Chapter} */
export const chapter = {
  title: 'A queue group shares the work',
  steps: [
    {
      say: 'Three workers in one group: each job goes to one of them, and every job is done once.',
    },
    {
      start: 'natsx queue-sub jobs workers --workers 3 --count 300 --raw > done.txt',
      as: 'workers',
    },
    { run: "natsx pub jobs 'job {{Count}}' --template --count 300" },
    { finish: 'workers' },
    { run: 'wc -l < done.txt' },
  ],
};
