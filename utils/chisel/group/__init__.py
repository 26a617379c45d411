"""A reading group's predictions and progress, from files that its members write: nothing is sent anywhere."""
