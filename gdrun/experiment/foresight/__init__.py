"""What can be known before the first step: curvature, optimum, predictions, rates to try, a warning."""
