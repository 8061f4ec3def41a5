/** What tries to break the library: long runs with random faults, and a checker that shares no code with it. */
@NullMarked
package io.h2conn.reliability;

import org.jspecify.annotations.NullMarked;
