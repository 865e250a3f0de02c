// Chapters and labs come first, then what is said about them, then the pages of the modules.
var Scorer = {
  score: ([page, , , , score]) =>
    score + (/^(book\/(?!reference)|labs\/)/.test(page) ? 2000 : /\/api\//.test(page) ? 0 : 1000),
  objNameMatch: 1,
  objPartialMatch: 0,
  objPrio: { 0: 0, 1: 0, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
