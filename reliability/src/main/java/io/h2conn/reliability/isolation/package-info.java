/** What a connection that misbehaves costs the others on its TCP connection. */
@NullMarked
package io.h2conn.reliability.isolation;

import org.jspecify.annotations.NullMarked;
