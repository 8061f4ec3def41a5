/** Echo: one JSON string there, the same in upper case back. The smallest useful server and client. */
@NullMarked
package io.h2conn.examples.echo;

import org.jspecify.annotations.NullMarked;
