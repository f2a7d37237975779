export interface Technique {
  readonly id: string; // T1059
  readonly sub: string | undefined; // T1059.004
}

/** ATT&CK ids as pairs of technique and sub-technique. */
export function techniquesOf(attack: readonly string[]): readonly Technique[] {
  return attack.map((id) => {
    const [technique = id] = id.split('.');
    return { id: technique, sub: technique === id ? undefined : id };
  });
}
