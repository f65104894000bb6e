@NullMarked
package io.registrycenter.drain;

import org.jspecify.annotations.NullMarked;
