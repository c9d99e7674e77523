/** A function of names whose results are kept, for names that come again and again; all are forgotten when there are more than so many. */
export function remembered<Result>(make: (name: string) => Result, most: number): (name: string) => Result {
  const known = new Map<string, Result>();
  return (name) => {
    let result = known.get(name);
    if (result === undefined) {
      result = make(name);
      if (known.size >= most) known.clear();
      known.set(name, result);
    }
    return result;
  };
}
