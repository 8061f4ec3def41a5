/** Runs the peers' processes by turns, and reports. */
@NullMarked
package io.h2conn.benchmarks.run;

import org.jspecify.annotations.NullMarked;
