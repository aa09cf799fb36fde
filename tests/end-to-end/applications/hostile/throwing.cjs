throw new Error("a module that throws when it is loaded");
