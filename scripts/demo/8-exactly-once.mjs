/** @type {import('./play.mjs').Chapter} */
export const chapter = {
  title: 'Exactly once: the same import twice',
  steps: [
    { run: "natsx stream create IMPORT --subjects 'import.>' > made.txt" },
    {
      say: 'A thousand lines, each acknowledged by the stream; the id of a message is that of its order.',
    },
    { run: `seq 1000 | sed 's/.*/{"order":&}/' > orders.txt` },
    { run: 'natsx pub import.orders --lines -J --msg-id-from json:.order < orders.txt' },
    { say: 'Somebody is not sure whether it worked, and does it again.' },
    { run: 'natsx pub import.orders --lines -J --msg-id-from json:.order < orders.txt' },
    { run: 'natsx stream ls --subject import.orders' },
  ],
};
