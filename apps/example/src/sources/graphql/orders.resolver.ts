import { Args, Field, Mutation, ObjectType, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Tracked } from 'nestjs-job-tracking';

@ObjectType()
export class Order {
  @Field(() => String)
  id!: string;
}

@Resolver(() => Order)
export class OrdersResolver {
  @Mutation(() => Order)
  @Tracked('id', { kind: 'place', onDuplicate: 'replay' })
  async placeOrder(@Args('id') id: string): Promise<Order> {
    return { id };
  }

  /** Dear to compute: once, also for those who ask while it is being computed. */
  @Query(() => String)
  @Tracked('id', { kind: 'report', onDuplicate: 'join' })
  async report(@Args('id') id: string): Promise<string> {
    return `what became of ${id}`;
  }

  @ResolveField(() => String)
  @Tracked('order.id', { kind: 'invoice', onDuplicate: 'join' })
  async invoice(@Parent() order: Order): Promise<string> {
    return `invoice of ${order.id}`;
  }
}
