// Chapters and labs before the glossary, and all of them before the pages of the modules.
var Scorer = {
  score: ([page, , , , score]) =>
    score + (/^(book\/(?!reference)|labs\/)/.test(page) ? 40 : /^book\/reference\/glossary/.test(page) ? 20 : /\/api\//.test(page) ? -60 : 0),
  objNameMatch: 1,
  objPartialMatch: 0,
  objPrio: { 0: 0, 1: 0, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
