/** @type {import('./play.mjs').Chapter} */
export const chapter = {
  title: 'What was, again: streams, recordings, replay',
  steps: [
    { run: "natsx stream create SHOP --subjects 'shop.>' > made.txt" },
    {
      run: `natsx pub 'shop.{{Count}}' 'order {{Count}}' --template --count 5 --rate 10 --jetstream`,
    },
    { say: 'A stream is read like a subject: from its start, and with its own timing, faster.' },
    { run: 'natsx sub --stream SHOP --from-start --until-end --speed 2x --timestamps delta' },
    {
      say: 'Into a file and back, under other subjects. The counts prove that nothing is missing.',
    },
    { run: 'natsx record shop.jsonl --stream SHOP' },
    { run: 'head -n 2 shop.jsonl' },
    { start: "natsx sub 'copy.>' --count 5 --format '{subject}: {payload}\\n'", as: 'reader' },
    { run: "natsx replay shop.jsonl --map 'shop.*=copy.*'" },
    { finish: 'reader' },
  ],
};
