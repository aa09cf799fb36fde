#!/usr/bin/env node
// Stands here before the first build, so that an install in the repository links the program.
require("../lib/bin.cjs");
