/** The engine behind every connection. Not exported to applications. */
@NullMarked
package io.h2conn.internal;

import org.jspecify.annotations.NullMarked;
