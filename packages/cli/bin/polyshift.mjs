#!/usr/bin/env node
import module from 'node:module';

// Where Node can (22.1 and newer), the compiled code is kept between runs: commands start faster.
module.enableCompileCache?.();
await import('../dist/main.js');
