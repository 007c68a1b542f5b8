/**
 * One of Node's own modules, loaded when it is first asked for and not with the program: for what a daemon rarely needs, on
 * errors above all. Each that an idle shim has loaded takes 50 to 400 kB of its memory.
 */
export const late: NodeJS.Process["getBuiltinModule"] = (id: string) => process.getBuiltinModule(id) as never;
