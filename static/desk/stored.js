// What a desk keeps in this browser. Where storage is refused, it holds until the page is left.

const kept = new Map();

export function load(name) {
  try {
    return localStorage.getItem(`supportbot.desk.${name}`) ?? kept.get(name) ?? null;
  } catch {
    return kept.get(name) ?? null;
  }
}

export function store(name, value) {
  kept.set(name, value);
  try {
    localStorage.setItem(`supportbot.desk.${name}`, value);
  } catch {
    // Refused: see above.
  }
}
