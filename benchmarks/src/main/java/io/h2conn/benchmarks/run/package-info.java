/**
 * The program that runs the benchmarks: it starts a server and a client process for each peer, measures one slice at a time,
 * and makes tables and plots of what it has measured.
 */
@NullMarked
package io.h2conn.benchmarks.run;

import org.jspecify.annotations.NullMarked;
