@NullMarked
package io.registrycenter;

import org.jspecify.annotations.NullMarked;
