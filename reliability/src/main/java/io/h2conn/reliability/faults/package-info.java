/** Breaks processes and networks under a client and a server, and tells what each of the two saw. */
@NullMarked
package io.h2conn.reliability.faults;

import org.jspecify.annotations.NullMarked;
