/** The path of the object itself has no name: Go prints it as a nil pointer. */
export function rootPath(path: string): string {
  return path === "" ? "<nil>" : path;
}
